"""The contracts keep the rules of docs/compiler.md, by the names it has for them."""

import io
import re
import sysconfig
import tokenize
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import vyper.ast as vy_ast
from vyper.ast import nodes
from vyper.compiler.input_bundle import FilesystemInputBundle
from vyper.compiler.phases import CompilerData
from vyper.compiler.settings import Settings, anchor_settings
from vyper.semantics.analysis.base import StateMutability
from vyper.semantics.types.function import ContractFunctionT, MemberFunctionT

from plumbline.chain.multicall import CARRIED
from tests.build import CONTRACTS, DEPLOYABLE, ROOT, compiled_contracts

SOURCES = sorted(CONTRACTS.rglob("*.vy*"))

Findings = list[str]

# What runs on chain, and what a deployment has room for: code (EIP-170), and the code that
# makes it (EIP-3860).
TARGET = "cancun"
MOST_CODE = 24_576
MOST_CREATION = 49_152

PRAGMA = "# pragma version 0.4.3"
CONSTANT = re.compile(r"_?[A-Z][A-Z0-9_]*")
SEPARATORS = "\r\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029\ufeff"

FORBIDDEN = {
    "or": r"\|",
    "create": r"\b(?:create_from_blueprint|create_minimal_proxy_to|create_copy_of|raw_create)\b",
    "builtin": r"\b(?:slice|extract32|send|raw_log|raw_revert|raw_return|selfdestruct|sqrt|print"
    r"|abi_decode|pow_mod256)\b(?=\s*\(|\s*$)",
    "raw": r"\b(?:is_delegate_call|is_static_call|skip_contract_check|raw_args|code_offset)\s*=",
    "msg.data": r"\bmsg\.data\b",
    "transient": r":\s*(?:public\(\s*)?transient\(",
    "decimal": r"\bdecimal\b",
    "fallback": r"\bdefault_return_value\s*=(?!\s*(?:True|False|\d))",
}

# The list is opened for one file at a time, with the reason.
ALLOWED = {
    # A policy is somebody else's code. Only a raw call can be told not to fail with it.
    ("admission.vy", "raw", "is_static_call="),
    # The contract of EIP-2935 takes a bare word, and is not there on every chain.
    ("beacon.vy", "raw", "is_static_call="),
    # A header whose hash was compared before; reads beyond its end revert.
    ("beacon.vy", "builtin", "extract32"),
    ("composition.vy", "raw", "is_static_call="),
    # The signature of a wallet comes in words, of which no byte string can be made.
    ("SignedAdmission.vy", "raw", "is_static_call="),
    # Two words of a signature whose length was compared before; no offset is anybody's to choose.
    ("LabelRounds.vy", "builtin", "extract32"),
    # One call out of many: a list of calls would take memory for the longest in each place.
    ("Multicall.vy", "builtin", "slice"),
}


# ------------------------------------------------------------- checks on the text


def check_bytes(text: str) -> Findings:
    raw = text.encode()
    return [f"0x{b:02x} at {i}" for i, b in enumerate(raw) if not (b == 10 or 32 <= b <= 126)]


def check_pragma(text: str) -> Findings:
    comments = re.findall(r"(?m)^\s*#\s*(?:pragma\b|@version\b).*$", text)
    found = [comment.strip() for comment in comments]
    kept = [pragma for pragma in found if not re.fullmatch(r"# pragma optimize \w+", pragma)]
    return [] if kept == [PRAGMA] else [str(found)]


def check_defaults(text: str) -> Findings:
    functions = vy_ast.parse_to_ast(text).get_descendants(nodes.FunctionDef)
    return [f"line {f.lineno}: {f.name}" for f in functions if f.args.defaults]


def check_names(text: str) -> Findings:
    tree = vy_ast.parse_to_ast(text)
    found = []
    for variable in tree.get_children(nodes.VariableDecl):
        in_capitals = CONSTANT.fullmatch(variable.target.id) is not None
        if in_capitals != (variable.is_constant or variable.is_immutable):
            found.append(variable.target)
    for function in tree.get_descendants(nodes.FunctionDef):
        locals_ = [local.target for local in function.get_descendants(nodes.AnnAssign)]
        names = [*function.args.args, *locals_]
        found += [name for name in names if CONSTANT.fullmatch(_name(name))]
    return [f"line {node.lineno}: {_name(node)}" for node in found]


def check_imports(text: str) -> Findings:
    """What libraries are held to: nothing that shifts a literal."""
    found = [repr(character) for character in SEPARATORS if character in text]
    lines = zip(text.split("\n"), _code_of(text).split("\n"), strict=True)
    for number, (line, code) in enumerate(lines, 1):
        wide = next((i for i, character in enumerate(line) if ord(character) > 126), len(line))
        if code[wide:].strip():
            found.append(f"line {number}")
    return found


def forbidden(check: str, text: str) -> Findings:
    code = _code_of(text)
    matches = re.finditer(FORBIDDEN[check], code, re.M)
    return [f"line {code.count(chr(10), 0, m.start()) + 1}: {m[0]}" for m in matches]


def _name(node: Any) -> str:
    return str(getattr(node, "arg", None) or getattr(node, "id", ""))


def _code_of(text: str) -> str:
    """The text with comments and strings blanked, so that prose is never flagged."""
    lines = [list(line) for line in text.split("\n")]
    for token in tokenize.generate_tokens(io.StringIO(text, newline="").readline):
        if token.type not in (tokenize.COMMENT, tokenize.STRING):
            continue
        (first, start), (last, end) = token.start, token.end
        for row in range(first, last + 1):
            line = lines[row - 1]
            left = start if row == first else 0
            right = end if row == last else len(line)
            line[left:right] = " " * (right - left)
    return "\n".join("".join(line) for line in lines)


# ------------------------------------------------------- checks on the typed tree


def check_fold(module: nodes.Module) -> Findings:
    constants = [d for d in module.get_children(nodes.VariableDecl) if d.is_constant]
    unfolded = [d for d in constants if not d.value.has_folded_value]
    return [f"line {d.lineno}: {d.target.id}" for d in unfolded]


def check_ternary(module: nodes.Module) -> Findings:
    ternaries = module.get_descendants(nodes.IfExp)
    return [f"line {t.lineno}" for t in ternaries if not t._metadata["type"]._is_prim_word]


def check_order(module: nodes.Module) -> Findings:
    found = []
    for function in module.get_children(nodes.FunctionDef):
        for call in function.get_descendants(nodes.Call):
            if _may_write(call) and not _stands_alone(call):
                found.append(f"line {call.lineno}: {call.node_source_code}")
    return found


def _may_write(call: nodes.Call) -> bool:
    function = call.func._metadata.get("type")
    if isinstance(function, ContractFunctionT):
        writes = (StateMutability.NONPAYABLE, StateMutability.PAYABLE)
        return function.mutability in writes and not function.is_constructor
    if isinstance(function, MemberFunctionT):  # append, pop
        return True
    return getattr(call.func, "id", "") in ("send", "raw_call", "raw_log", "raw_create")


def _stands_alone(call: nodes.Call) -> bool:
    node = call._parent if isinstance(call._parent, nodes.ExtCall) else call
    parent = node._parent
    if isinstance(parent, nodes.Assert):
        return bool(parent.test is node)
    if isinstance(parent, (nodes.Assign, nodes.AnnAssign, nodes.Return)):
        return bool(parent.value is node)
    return isinstance(parent, nodes.Expr)


# ------------------------------------------------------------------ compilation


def compiled(path: Path, root: Path) -> CompilerData:
    bundle = FilesystemInputBundle([root, Path(sysconfig.get_path("purelib"))])
    return CompilerData(bundle.load_file(path), bundle, settings=Settings(evm_version=TARGET))


def modules_of(data: CompilerData) -> dict[str, nodes.Module]:
    """The typed trees of a contract and of all that it imports, by path."""
    found: dict[str, nodes.Module] = {}
    left = [data.annotated_vyper_module]
    while left:
        module = left.pop()
        if module.resolved_path not in found:
            found[module.resolved_path] = module
            imported = module._metadata["type"].imported_modules.values()
            left += [info.module_node for info in imported]
    return found


@pytest.fixture(scope="module")
def builds() -> dict[str, CompilerData]:
    """All that is deployed, for the chain that it is deployed on; a warning is an error.

    What is behind the typed trees takes the compiler long, and is in `compiled_contracts`.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        builds = {path.stem: compiled(path, ROOT) for path in DEPLOYABLE}
        for data in builds.values():
            with anchor_settings(data.settings):
                assert data.annotated_vyper_module
    return builds


@pytest.fixture(scope="module")
def modules(builds: dict[str, CompilerData]) -> dict[str, nodes.Module]:
    found: dict[str, nodes.Module] = {}
    for data in builds.values():
        found |= modules_of(data)
    return found


# ------------------------------------------------------------ what holds of them all


TEXT_CHECKS: dict[str, Callable[[str], Findings]] = {
    "bytes": check_bytes,
    "pragma": check_pragma,
    "defaults": check_defaults,
    "names": check_names,
}
TREE_CHECKS: dict[str, Callable[[nodes.Module], Findings]] = {
    "fold": check_fold,
    "ternary": check_ternary,
    "order": check_order,
}


def test_there_are_sources() -> None:
    assert {"LabelRounds.vy", "Judge.vy", "planes.vy", "IJudge.vyi"} <= {p.name for p in SOURCES}


@pytest.mark.parametrize("check", TEXT_CHECKS)
def test_every_source_passes(check: str) -> None:
    found = {path.name: TEXT_CHECKS[check](path.read_bytes().decode()) for path in SOURCES}
    assert not {name: findings for name, findings in found.items() if findings}


@pytest.mark.parametrize("check", FORBIDDEN)
def test_no_source_uses_what_is_forbidden(check: str) -> None:
    found = {
        (path.name, check, line.split(": ")[1]): line
        for path in SOURCES
        for line in forbidden(check, path.read_text())
    }
    assert not {key: line for key, line in found.items() if key not in ALLOWED}


def test_every_exception_is_needed() -> None:
    for name, check, match in ALLOWED:
        (path,) = CONTRACTS.rglob(name)
        assert any(line.endswith(match) for line in forbidden(check, path.read_text()))


@pytest.mark.parametrize("check", TREE_CHECKS)
def test_every_module_passes(modules: dict[str, nodes.Module], check: str) -> None:
    own = {path: module for path, module in modules.items() if _is_own(path)}
    # Libraries are not ours to order, but their constants are pasted into our functions.
    checked = modules if check == "fold" else own
    found = {path: TREE_CHECKS[check](module) for path, module in checked.items()}
    assert not {path: findings for path, findings in found.items() if findings}


def test_every_library_passes_imports(modules: dict[str, nodes.Module]) -> None:
    libraries = [Path(path) for path in modules if not _is_own(path) and Path(path).exists()]
    assert libraries
    found = {path.name: check_imports(path.read_bytes().decode()) for path in libraries}
    assert not {name: findings for name, findings in found.items() if findings}


def test_every_module_is_part_of_what_is_deployed(modules: dict[str, nodes.Module]) -> None:
    """Else nothing would have looked at its typed tree."""
    assert {str(path) for path in SOURCES if path.suffix == ".vy"} <= set(modules)


def test_all_of_it_compiles_without_a_warning(
    builds: dict[str, CompilerData], pytestconfig: pytest.Config
) -> None:
    assert {"LabelRounds", "Judge", "MerkleAllowList"} <= set(builds)
    assert set(builds) <= set(compiled_contracts(pytestconfig))


def test_all_of_it_fits_on_a_chain(
    builds: dict[str, CompilerData], pytestconfig: pytest.Config
) -> None:
    """Immutables lie behind the code and count; so do the arguments of a constructor."""
    too_large = {}
    outputs = compiled_contracts(pytestconfig)
    for name, data in builds.items():
        module = data.annotated_vyper_module._metadata["type"]
        runtime, bytecode = (
            len(bytes.fromhex(outputs[name][part][2:])) for part in ("bytecode_runtime", "bytecode")
        )
        code = runtime + module.immutable_section_bytes
        init = module.init_function
        words = len(init.arguments) if init else 0
        creation = bytecode + 32 * words
        if code > MOST_CODE or creation > MOST_CREATION:
            too_large[name] = (code, creation)
    assert not too_large


def test_what_goes_through_the_multicall_does_not_depend_on_its_sender(
    builds: dict[str, CompilerData],
) -> None:
    """Nor do the functions that it calls; `sweep`, which nobody has to hurry with, goes alone."""
    module = builds["LabelRounds"].annotated_vyper_module._metadata["type"]
    anyones = {
        function.name
        for function in module.exposed_functions
        if function.mutability is StateMutability.NONPAYABLE
        and not any(map(_asks_for_sender, (function, *function.reachable_internal_functions)))
    }
    assert anyones == CARRIED | {"sweep"}


def _asks_for_sender(function: ContractFunctionT) -> bool:
    attributes = function.ast_def.get_descendants(nodes.Attribute)
    return any(node.node_source_code == "msg.sender" for node in attributes)


def test_the_target_is_named() -> None:
    """The compiler's own default is another one."""
    config = (ROOT / "ape-config.yaml").read_text()
    assert re.findall(r"(?m)^\s+evm_version: (\w+)$", config) == [TARGET]


def _is_own(path: str) -> bool:
    return Path(path).is_relative_to(CONTRACTS)


# ---------------------------------------------------------------- the checks do find


def _cases(cases: dict[str, list[str]]) -> Iterator[Any]:
    for check, texts in cases.items():
        for text in texts:
            yield pytest.param(check, text, id=f"{check}: {text.strip()[:40]!a}")


BAD_TEXT = {
    "bytes": ["\t", "\r", "\x0c", "\x1c", "\x7f", "\u2028", "\x85", "\ufeff", "# \u00e9", "\0"],
    "pragma": [
        "",
        "# pragma version 0.4.2",
        "# pragma version ^0.4.3",
        "#pragma version 0.4.3",
        f"{PRAGMA}\n{PRAGMA}",
        f"{PRAGMA}\n# pragma evm-version shanghai",
        f"{PRAGMA}\n#pragma evm-version shanghai",
        f"{PRAGMA}\n# pragma enable-decimals",
        f"{PRAGMA}\n# pragma experimental-codegen",
        f"{PRAGMA}\n# pragma nonreentrancy on",
        f"{PRAGMA}\n# @version 0.4.3",
    ],
    "defaults": [
        "def f(a: uint256 = 1):\n    pass",
        "@external\ndef f(a: uint256, b: bool = False):\n    pass",
    ],
    "names": [
        "top: constant(uint256) = 1",
        "Top: immutable(uint256)",
        "TOP: uint256",
        "_TOP: HashMap[address, uint256]",
        "T: uint256",
        "def f(TOP: uint256):\n    pass",
        "def f(K: uint256):\n    pass",
        "def f():\n    TOP_2: uint256 = 1",
        "def f():\n    for I: uint256 in range(3):\n        pass",
        "def f():\n    if True:\n        _TOP: uint256 = 1",
    ],
    "imports": [
        *(f"a: uint256{separator}" for separator in SEPARATORS),
        'x: String[9] = "\u00e9"; a: uint256 = 1',
    ],
    "or": ["a = b | c", "a |= b", "assert (a|b) > 0"],
    "create": ["create_from_blueprint(t, code_offset=3)", "a = raw_create(b)"],
    "builtin": ["slice(a, 0, 1)", "send(a, 1)", "x = abi_decode(a, uint256)", "sqrt (2.0)"],
    "raw": ["raw_call(a, b, is_delegate_call=True)", "is_static_call = True"],
    "msg.data": ["x = len(msg.data)"],
    "transient": ["x: transient(uint256)", "x: public(transient(bool))"],
    "decimal": ["x: decimal = 1.0"],
    "fallback": ["f(default_return_value=self.x)", "f(default_return_value = x)"],
}

GOOD_TEXT = {
    "bytes": ["# pragma version 0.4.3\n\n~"],
    "pragma": [PRAGMA, f"{PRAGMA}\n# pragma optimize gas"],
    "defaults": ["def f(a: uint256, b: bool):\n    pass"],
    "names": [
        "_TOP_2: constant(uint256) = 1\nROOT: immutable(bytes32)\ntop: uint256",
        "def f(top: uint256):\n    for i: uint256 in range(3):\n        Word: uint256 = i",
    ],
    "imports": ["# \u00e9 in a comment\na: uint256 = 1", "a: uint256 = 1  # \u00e9"],
    "or": ["# a | b", 'x = "a | b"', '"""\na | b\n"""'],
    "create": ["# create_from_blueprint", "self.create()"],
    "builtin": ["self.slices(a)", "sender(a)", "# send(a, 1)"],
    "raw": ["raw_call(a, b, value=c, revert_on_failure=False)"],
    "msg.data": ["msg.sender", "# msg.data"],
    "transient": ["# x: transient(uint256)"],
    "decimal": ["decimals: uint256"],
    "fallback": ["f(default_return_value=True)", "f(default_return_value=0)"],
}

HEAD = """
interface Other:
    def move() -> uint256: nonpayable
    def look() -> uint256: view

x: uint256
a: DynArray[uint256, 9]

@internal
def _f() -> uint256:
    self.x += 1
    return self.x

@internal
@view
def _look() -> uint256:
    return self.x

@external
def g(other: Other, many: DynArray[uint256[2], 2], few: DynArray[uint256[2], 1]):
"""

BAD_TREE = {
    "fold": ["X: constant(uint256) = empty(uint256)", f"X: constant(Other) = Other(0x{1:040})"],
    "ternary": [
        "b: DynArray[uint256[2], 2] = many if True else few",
        'b: String[3] = "abc" if self.x > 0 else "a"',
    ],
    "order": [
        "b: uint256 = self._f() + 1",
        "b: uint256 = self._look() + self._f()",
        "self.x += self._f()",
        "self.x += extcall other.move()",
        "b: uint256 = 1 + extcall other.move()",
        "assert self._f() > 0",
        "assert extcall other.move() == 1",
        "self.a.append(self._f())",
        "self.a[self._f()] = 1",
        "b: uint256[2] = [self._f(), 1]",
        "b: uint256 = self.a.pop() + 1",
        "if self._f() > 0:\n        pass",
        "b: bool = not raw_call(msg.sender, b'', revert_on_failure=False)",
        "b: bytes32 = keccak256(abi_encode(self._f()))",
    ],
}

GOOD_TREE = {
    "fold": ["X: constant(uint256) = max_value(uint256) // 3", "X: constant(bytes4) = 0x00000000"],
    "ternary": ["b: uint256 = 1 if self.x > 0 else 2", "b: bool = True if True else False"],
    "order": [
        "b: uint256 = self._f()",
        "self.x = self._f()",
        "self._f()",
        "b: uint256 = extcall other.move()",
        "extcall other.move()",
        "self.x += self._look() + staticcall other.look()",
        "self.a.append(1)",
        "b: uint256 = self.a.pop()",
        "assert raw_call(msg.sender, b'', revert_on_failure=False)",
    ],
}


def _text_findings(check: str, text: str) -> Findings:
    if check == "imports":
        return check_imports(text)
    return TEXT_CHECKS[check](text) if check in TEXT_CHECKS else forbidden(check, text)


def _tree_findings(check: str, text: str, folder: Path) -> Findings:
    path = folder / "probe.vy"
    declared = text.startswith("X:")
    path.write_text(f"{HEAD}    pass\n{text}\n" if declared else f"{HEAD}    {text}\n")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        (module,) = modules_of(compiled(path, folder)).values()
    return TREE_CHECKS[check](module)


@pytest.mark.parametrize(("check", "text"), _cases(BAD_TEXT))
def test_a_bad_text_is_found(check: str, text: str) -> None:
    assert _text_findings(check, text)


@pytest.mark.parametrize(("check", "text"), _cases(GOOD_TEXT))
def test_a_good_text_is_not_found_fault_with(check: str, text: str) -> None:
    assert not _text_findings(check, text)


@pytest.mark.parametrize(("check", "text"), _cases(BAD_TREE))
def test_a_bad_tree_is_found(check: str, text: str, tmp_path: Path) -> None:
    assert len(_tree_findings(check, text, tmp_path)) == 1


@pytest.mark.parametrize(("check", "text"), _cases(GOOD_TREE))
def test_a_good_tree_is_not_found_fault_with(check: str, text: str, tmp_path: Path) -> None:
    assert not _tree_findings(check, text, tmp_path)


def test_every_check_is_documented_and_tried() -> None:
    """By the names of docs/compiler.md, section 4."""
    page = (ROOT / "docs/compiler.md").read_text()
    section = page[page.index("## 4.") : page.index("## 5.")]
    listed = set(re.findall(r"(?m)^([a-z.]+) {2,}\S", section))
    listed |= set(re.findall(r"(?m)^\| `([a-z]+)` \|", section))
    assert listed == {*TEXT_CHECKS, *TREE_CHECKS, *FORBIDDEN, "imports"}
    assert listed == {*BAD_TEXT, *BAD_TREE} == {*GOOD_TEXT, *GOOD_TREE}
