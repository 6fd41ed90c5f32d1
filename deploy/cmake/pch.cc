// The unit that carries the precompiled header; also stands in for folders without sources.
