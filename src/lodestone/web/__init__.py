"""The browser's face: the built pages, and how they are served. The pages ask the REST service."""
