# backlogd, and the tools backlogd-dlq and backlogd-sim beside it (docker run --entrypoint).
# docker build -t backlogd . && docker run --rm -p 12092:12092 backlogd \
#   --kafka.bootstrap-servers=HOST:9092
FROM debian:13 AS build
WORKDIR /src
# What rarely changes comes first: packages and librdkafka stay in the layers below the sources.
COPY scripts/setup scripts/setup
COPY scripts/lib scripts/lib
ENV BACKLOGD_CACHE=/opt/backlogd-cache
RUN scripts/setup --for build
COPY . .
RUN cmake --preset release -DBACKLOGD_WARNINGS_AS_ERRORS=OFF && \
    cmake --build --preset release && \
    DESTDIR=/stage cmake --install build/release --strip

FROM debian:13-slim
# librdkafka is inside the programs; this is what they load.
RUN apt-get update && \
    apt-get install -y --no-install-recommends ca-certificates libsasl2-modules \
      libcurl4t64 libdeflate0 libfmt10 liblz4-1 libmicrohttpd12t64 libprometheus-cpp-core1.0 \
      libre2-11 libsasl2-2 libspdlog1.15 libssl3t64 libyaml-cpp0.8 libzstd1 zlib1g && \
    rm -rf /var/lib/apt/lists/*
COPY --from=build /stage/usr/local/ /usr/local/
# A number, so that Kubernetes can tell that it is not root.
USER 65532:65532
EXPOSE 12092
# bash asks, for the image has no curl. Set the variable when --web.listen-address is another port.
ENV BACKLOGD_HEALTH_PORT=12092
HEALTHCHECK --interval=15s --timeout=5s --start-period=5s CMD ["bash", "-c", \
  "exec 3<>/dev/tcp/127.0.0.1/$BACKLOGD_HEALTH_PORT && printf 'GET /-/healthy HTTP/1.0\\r\\n\\r\\n' >&3 && read -r -t 4 _ status _ <&3 && [ \"$status\" = 200 ]"]
ENTRYPOINT ["/usr/local/bin/backlogd"]
