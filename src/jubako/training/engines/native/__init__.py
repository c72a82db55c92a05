"""The native engine: whole epochs in C++. `docs/engine.md` explains it; `engine` is its door."""
