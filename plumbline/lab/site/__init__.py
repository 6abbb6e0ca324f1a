"""The site, measured and played with.

client  what a browser does, by the library: signs, hands in, asks
load    many labelers who commit and reveal through one site
"""
