"""HTTP over connections of our own: one exchange by aiohttp, redirects, proxies. Imported when a check needs it."""
