# Included into llama.cpp's own project while llama-cpp-python is compiled (see Makefile).
# llama-cpp-python builds llama.cpp's helper library for command-line programs, which nothing in
# Python calls and which takes longer than all the rest.
set(LLAMA_BUILD_COMMON OFF)
