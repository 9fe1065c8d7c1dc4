# The same build as on Heroku: bin/compile, on Heroku's build image; what comes out of it, on Heroku's run image.
# Plain instructions only, so that every builder of images can follow them, Heroku's included.
FROM heroku/heroku:26-build AS build
# hadolint ignore=DL3002
USER 0
WORKDIR /build

# Python, MLflow and the tools go into a layer of their own: it is made anew only when the lock, the
# buildpack or go.mod changes, of which the buildpack is built.
COPY go.mod go.sum ./
COPY bin/ bin/
COPY buildpack/ buildpack/
COPY cmd/buildpack/ cmd/buildpack/
COPY internal/assets/ internal/assets/
COPY internal/provision/ internal/provision/
RUN bin/compile /build /cache /settings runtime

COPY Procfile ./
COPY cmd/ cmd/
COPY internal/ internal/
# The commit that "mlflow-server version" names: docker build --build-arg SOURCE_VERSION="$(git rev-parse HEAD)"
ARG SOURCE_VERSION
RUN bin/compile /build /cache /settings

FROM heroku/heroku:26
USER 0
# Any user may write to /data, since some platforms choose one by themselves. Everything else stays root's.
RUN install --directory --mode=1777 /data
COPY certs/ /app/certs/
COPY --from=build /build/.mlflow/ /app/.mlflow/
COPY --from=build /build/bin/mlflow-server /app/bin/mlflow-server

ENV HOME=/app \
    PATH=/app/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/app/.mlflow/bin \
    PORT=8080
WORKDIR /data
VOLUME /data
USER 1000:1000
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=5s --start-period=3m --retries=3 \
    CMD ["sh", "-c", "exec curl --fail --silent --show-error --output /dev/null http://127.0.0.1:${PORT}/health"]
CMD ["mlflow-server", "serve"]
