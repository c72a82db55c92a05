"""The native engine: whole epochs in C++. See `docs/engine.md`."""
