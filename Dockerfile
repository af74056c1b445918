# docker build . -t trinax
# docker run --read-only -p 127.0.0.1:3333:3333 -v trinax:/data -v ./collections:/collections trinax
# configs/docker has compose files, docs/install.md the rest. Beside the base image only Debian's and
# Python's package registries are asked.

ARG BASE=debian:trixie-slim

FROM ${BASE} AS python
# Debian's release is the pin: within it there are only fixes.
# hadolint ignore=DL3008
RUN apt-get update \
 && apt-get install -y --no-install-recommends ca-certificates libgomp1 libstdc++6 python3 \
 && rm -rf /var/lib/apt/lists/*


FROM python AS builder
# hadolint ignore=DL3008
RUN apt-get update \
 && apt-get install -y --no-install-recommends cmake g++ ninja-build python3-dev python3-venv \
 && rm -rf /var/lib/apt/lists/*
RUN python3 -m venv /opt/trinax
WORKDIR /build
COPY requirements.lock configs/llama-cpp.cmake ./
# Not for the machine that builds: the image may run on another. On x86-64 it wants AVX2 and FMA.
ARG CMAKE_ARGS="-DGGML_NATIVE=OFF"
# llama.cpp without its vision library and what only its own programs use, as in the Makefile.
RUN CMAKE_ARGS="-DLLAVA_BUILD=OFF -DCMAKE_PROJECT_llama.cpp_INCLUDE=/build/llama-cpp.cmake ${CMAKE_ARGS}" \
    CMAKE_BUILD_PARALLEL_LEVEL="$(nproc)" \
    /opt/trinax/bin/pip install --no-cache-dir --require-hashes -r requirements.lock
COPY pyproject.toml README.md LICENSE ./
COPY configs ./configs
COPY trinax ./trinax
RUN /opt/trinax/bin/pip install --no-cache-dir --no-deps --no-build-isolation . \
 && /opt/trinax/bin/pip uninstall -y hatchling editables pip


FROM python
RUN useradd --uid 10001 --no-create-home --home-dir /data --shell /usr/sbin/nologin trinax \
 && install -d -o trinax -g trinax -m 0700 /data /collections \
 && install -d /etc/trinax
COPY --from=builder /opt/trinax /opt/trinax
ENV PATH=/opt/trinax/bin:$PATH \
    HOME=/data \
    TRINAX_HOST=0.0.0.0 \
    TRINAX_PATHS_DATA=/data \
    TRINAX_PATHS_COLLECTIONS=/collections
# A trinax.toml that is mounted here is read.
WORKDIR /etc/trinax
USER 10001:10001
VOLUME ["/data", "/collections"]
EXPOSE 3333
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s \
  CMD ["trinax", "ready"]
ENTRYPOINT ["trinax"]
CMD ["serve"]
