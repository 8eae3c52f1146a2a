"""Makes OCI images of model folders, without a daemon and without root: layers, layout, referrers, locks."""
