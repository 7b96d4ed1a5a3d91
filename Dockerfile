# backlogd, and the tools backlogd-dlq and backlogd-sim beside it (docker run --entrypoint).
# docker build -t backlogd . && docker run --rm -p 12092:12092 --read-only --cap-drop=ALL \
#   --security-opt=no-new-privileges backlogd --kafka.bootstrap-servers=HOST:9092
# With the version of git's tags, which is not in the image's reach:
#   --build-arg VERSION="$(git describe --tags --match 'v[0-9]*' | sed 's/^v//; s/-/+/; s/-/./')"
#   --build-arg REVISION="$(git rev-parse --short=12 HEAD)"
FROM debian:13 AS build
WORKDIR /src
# What rarely changes comes first: packages and librdkafka stay in the layers below the sources.
COPY scripts/setup scripts/setup
COPY scripts/lib scripts/lib
ENV BACKLOGD_CACHE=/opt/backlogd-cache
RUN scripts/setup --for build
COPY . .
ARG VERSION=""
ARG REVISION=""
RUN cmake --preset release -DBACKLOGD_WARNINGS_AS_ERRORS=OFF \
      -DBACKLOGD_VERSION="$VERSION" -DBACKLOGD_REVISION="$REVISION" && \
    cmake --build --preset release && \
    DESTDIR=/stage cmake --install build/release --strip

FROM debian:13-slim AS runtime
# librdkafka is inside the programs; this is what they load.
RUN apt-get update && \
    apt-get install -y --no-install-recommends ca-certificates libsasl2-modules \
      libcurl4t64 libdeflate0 libfmt10 liblz4-1 libmicrohttpd12t64 libprometheus-cpp-core1.0 \
      libre2-11 libsasl2-2 libspdlog1.15 libssl3t64 libyaml-cpp0.8 libzstd1 openssl zlib1g && \
    rm -rf /var/lib/apt/lists/*
COPY --from=build /stage/usr/local/bin/ /usr/local/bin/
COPY --from=build /stage/usr/local/share/backlogd/ /usr/local/share/backlogd/

# What is inside, as SPDX: of the packages of the stage above, which has no Python.
FROM build AS sbom
RUN apt-get install -y --no-install-recommends python3
COPY --from=runtime /var/lib/dpkg/status /image/var/lib/dpkg/status
COPY --from=runtime /usr/lib/os-release /image/etc/os-release
RUN PKG_CONFIG_PATH=$BACKLOGD_CACHE/librdkafka-hardened/lib/pkgconfig && export PKG_CONFIG_PATH && \
    scripts/sbom --root /image \
      --version "$(/stage/usr/local/bin/backlogd --version | cut -d ' ' -f 2)" \
      --built-in "librdkafka=$(pkg-config --modversion rdkafka-static)" \
      --built-in "cli11=$(pkg-config --modversion CLI11)" \
      --built-in "nlohmann-json=$(pkg-config --modversion nlohmann_json)" >/sbom.spdx.json

FROM runtime
COPY --from=sbom /sbom.spdx.json /usr/local/share/backlogd/sbom.spdx.json
# A number, so that Kubernetes can tell that it is not root.
USER 65532:65532
EXPOSE 12092
# bash asks, for the image has no curl. Set the variable when --web.listen-address is another port.
# With TLS or a password: docs/packaging.md.
ENV BACKLOGD_HEALTH_PORT=12092
HEALTHCHECK --interval=15s --timeout=5s --start-period=5s CMD ["bash", "-c", \
  "exec 3<>/dev/tcp/127.0.0.1/$BACKLOGD_HEALTH_PORT && printf 'GET /-/healthy HTTP/1.0\\r\\n\\r\\n' >&3 && read -r -t 4 _ status _ <&3 && [ \"$status\" = 200 ]"]
ENTRYPOINT ["/usr/local/bin/backlogd"]
