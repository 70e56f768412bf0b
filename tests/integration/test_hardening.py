"""What the compiler and the linker put into the program against the abuse of a memory error."""

import platform
import re
import subprocess

import pytest

from stack import binary

# By kind of processor: how every function that can be jumped to begins.
BEGIN = {"x86_64": r"endbr64\b", "aarch64": r"(bti\s+c|paciasp)\b"}


def read(*command):
    return subprocess.run([*command, binary()], capture_output=True, text=True, check=True).stdout


@pytest.fixture(scope="module")
def code():
    return read("objdump", "--disassemble", "--no-show-raw-insn")


def only_on(*machines):
    return pytest.mark.skipif(platform.machine() not in machines,
                              reason=f"not known for {platform.machine()}")


def test_the_program_is_loaded_anywhere_and_its_tables_are_read_only():
    headers = read("readelf", "--wide", "--dynamic", "--segments")
    assert re.search(r"FLAGS_1\).*\bPIE\b", headers)
    assert "GNU_RELRO" in headers and "BIND_NOW" in headers
    assert re.search(r"GNU_STACK .* RW  *0x", headers)  # and not executable


@only_on(*BEGIN)
def test_jumps_go_to_the_beginning_of_functions_only(code):
    assert re.search(rf"<main>:\n\s*[0-9a-f]+:\s+{BEGIN[platform.machine()]}", code)


@only_on("x86_64")
def test_a_large_array_on_the_stack_does_not_step_over_its_guard(code):
    """Each page of it is touched in turn."""
    assert re.search(r"sub\s+\$0x1000,%rsp\n.*\b(or|mov)q\s+\$0x0,(0x[0-9a-f]+)?\(%rsp\)", code)
