;;; gptel.el --- gptel with trinax  -*- lexical-binding: t; -*-

(require 'gptel)
(require 'gptel-openai)
(require 'gptel-ollama)

;; Answers from your documents.
(setq gptel-model 'auto
      gptel-backend (gptel-make-openai "trinax"
                      :host "127.0.0.1:3333"
                      :protocol "http"
                      :key "none"
                      :stream t
                      :models '(auto)))

;; For gptel-rewrite and code: the same models without your documents.
(gptel-make-openai "trinax-plain"
  :host "127.0.0.1:3333"
  :protocol "http"
  :key "none"
  :stream t
  :models '(auto)
  :request-params '(:collections []))

;; The same server, asked as Ollama.
(gptel-make-ollama "trinax-ollama"
  :host "127.0.0.1:3333"
  :stream t
  :models '(auto))

;;; gptel.el ends here
