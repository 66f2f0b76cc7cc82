"""benchmarks: the speed of platformc beside other tools that write the same objects; run by `make bench`."""
