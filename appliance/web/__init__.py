"""The review page: thin FastAPI routes over the store and the pipeline."""
