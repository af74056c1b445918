-- Completion as you type. It needs an installed model that can fill in the middle.
require("minuet").setup({
  provider = "openai_fim_compatible",
  n_completions = 1,
  context_window = 4000,
  provider_options = {
    openai_fim_compatible = {
      name = "trinax",
      end_point = "http://127.0.0.1:3333/v1/completions",
      model = "auto",
      stream = true,
      api_key = function()
        return "none"
      end,
      optional = { max_tokens = 64 },
    },
  },
})
