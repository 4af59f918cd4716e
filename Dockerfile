# citegram in a container; docs/deploying.md tells how to run it. The first stage installs, the second has what runs.

FROM python:3.11-slim-bookworm AS installed
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
RUN python -m venv /opt/citegram
COPY requirements.txt requirements-postgres.txt /source/
RUN /opt/citegram/bin/pip install --require-hashes --only-binary :all: -r /source/requirements.txt -r /source/requirements-postgres.txt
COPY pyproject.toml README.md LICENSE /source/
COPY config /source/config
COPY index /source/index
COPY bot /source/bot
RUN /opt/citegram/bin/pip install --no-deps --no-build-isolation /source

FROM python:3.11-slim-bookworm
RUN useradd --uid 10001 --home-dir /data --shell /usr/sbin/nologin citegram \
    && install --directory --owner=citegram --group=citegram --mode=700 /data /seeds
COPY --from=installed /opt/citegram /opt/citegram
ENV PATH=/opt/citegram/bin:$PATH DATA_DIR=/data SEEDS_DIR=/seeds PYTHONUNBUFFERED=1
USER citegram
WORKDIR /data
VOLUME ["/data", "/seeds"]
EXPOSE 8080
# Whether there is an index that opens; a bot that ended ends the container by itself.
HEALTHCHECK --interval=5m --timeout=60s --start-period=2m CMD ["citegram", "status"]
STOPSIGNAL SIGTERM
ENTRYPOINT ["citegram"]
CMD ["bot"]
