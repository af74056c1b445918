local function trinax(parameters)
  return function()
    return require("codecompanion.adapters").extend("openai_compatible", {
      env = {
        url = "http://127.0.0.1:3333",
        api_key = "none",
        chat_url = "/v1/chat/completions",
        models_endpoint = "/v1/models",
      },
      parameters = parameters,
      schema = { model = { default = "auto" } },
    })
  end
end

require("codecompanion").setup({
  adapters = {
    http = {
      trinax = trinax({}),
      -- The same models without your documents: a change to code has nothing to cite.
      trinax_plain = trinax({ collections = {} }),
    },
  },
  interactions = {
    chat = { adapter = "trinax" },
    inline = { adapter = "trinax_plain" },
    cmd = { adapter = "trinax_plain" },
  },
})
