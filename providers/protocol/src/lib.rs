//! What a provider author uses: the SDK, and later the wire.
