local function trinax(extra_request_body)
  return {
    __inherited_from = "openai",
    endpoint = "http://127.0.0.1:3333/v1",
    -- No key: "" is what avante takes for that.
    api_key_name = "",
    model = "auto",
    context_window = 16384,
    extra_request_body = extra_request_body,
  }
end

require("avante").setup({
  provider = "trinax",
  providers = {
    -- Your documents are in what it answers.
    trinax = trinax({ max_tokens = 4096 }),
    -- The same models without them; :AvanteSwitchProvider changes over.
    trinax_plain = trinax({ max_tokens = 4096, collections = {} }),
  },
})
