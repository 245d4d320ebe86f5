"""Answers `list` and `echo TEXT`, lines of its standard input, on one connection of libvirt's Python binding."""

import sys

import libvirt


def read(connection):
    domains = connection.listAllDomains()
    details = [domain.info() for domain in domains]
    statistics = connection.getAllDomainStats(libvirt.VIR_DOMAIN_STATS_STATE)
    return min(len(details), len(statistics))


def main():
    connection = libvirt.open(sys.argv[1])
    for line in sys.stdin:
        if line.strip() == "list":
            print(read(connection))
        elif line.startswith("echo "):
            print(line.strip().removeprefix("echo "), flush=True)


main()
