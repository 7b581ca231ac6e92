# docker build -t vqvae-explainer . && docker run --rm -p 8000:8000 vqvae-explainer

FROM python:3.12-slim AS build
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
RUN python -m venv /venv
WORKDIR /source
# The dependencies come before the sources, so that a change of the sources does not install them again.
COPY pyproject.toml ./
RUN /venv/bin/python -c "import tomllib; \
        print(*tomllib.load(open('pyproject.toml', 'rb'))['project']['dependencies'], sep='\n')" > requirements.txt \
    && /venv/bin/pip install -r requirements.txt
COPY README.md LICENSE ./
COPY vqvae_explainer vqvae_explainer
COPY static static
COPY templates templates
COPY weights weights
RUN /venv/bin/pip install --no-deps .

FROM python:3.12-slim
RUN useradd --create-home --uid 10001 explainer
COPY --from=build /venv /venv
COPY deploy/healthcheck.py /healthcheck.py
USER explainer
WORKDIR /home/explainer
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1
EXPOSE 8000
# Add --workers N, one for each core, or another --port.
ENTRYPOINT ["vqvae-explainer", "serve", "--host", "0.0.0.0", "--port", "8000"]
HEALTHCHECK --interval=15s --timeout=5s --start-period=60s --retries=3 CMD ["python", "/healthcheck.py"]
