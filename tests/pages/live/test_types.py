"""The scripts of live figures have no type errors: TypeScript says so, inside the browser."""

import hashlib
import json
import re
from collections.abc import Iterator
from pathlib import Path

import book_pages
import pytest
from playwright.sync_api import Browser, Page

import advtheory.pages.live as live

FOLDER = Path(live.__file__).parent
VENDORED = Path(__file__).parent / "vendored"
LIBRARIES = {path.name: path.read_text(encoding="utf-8") for path in VENDORED.glob("lib/*.d.ts")}
# The strictest check of plain scripts with JSDoc, on files that exist in memory only.
CHECK = """({sources, libraries}) => {
  const options = {allowJs: true, checkJs: true, strict: true, noEmit: true, noUnusedLocals: true,
    target: ts.ScriptTarget.ES2022,
    lib: ['lib.es2022.d.ts', 'lib.dom.d.ts', 'lib.dom.iterable.d.ts']};
  const kept = window.kept ??= {};  // the libraries are read once
  for (const name of Object.keys(sources)) delete kept['/' + name];
  const files = {...libraries, ...sources}, read = (name) => files[name.slice(1)];
  const host = {
    fileExists: (name) => read(name) !== undefined, readFile: read, writeFile: () => {},
    getSourceFile: (name, target) => read(name) === undefined ? undefined
      : kept[name] ??= ts.createSourceFile(name, read(name), target, true),
    getDefaultLibFileName: () => '/lib.es2022.d.ts', getCurrentDirectory: () => '/',
    getCanonicalFileName: (name) => name, useCaseSensitiveFileNames: () => true,
    getNewLine: () => '\\n',
  };
  const program = ts.createProgram(Object.keys(sources).map((name) => '/' + name), options, host);
  return ts.getPreEmitDiagnostics(program).map((one) => {
    const line = one.file ? one.file.getLineAndCharacterOfPosition(one.start).line + 1 : 0;
    const text = ts.flattenDiagnosticMessageText(one.messageText, ' ');
    return `${one.file?.fileName.slice(1)}:${line}: ${text}`;
  });
}"""


def scripts(name: str) -> dict[str, str]:
    """What the figure `name` is made of, in the order of its fragment."""
    source = (FOLDER / f"{name}.py").read_text(encoding="utf-8")
    parts = dict.fromkeys(re.findall(r'"(\w+\.js)"', source))
    names = ["core.js", "stage.js", *parts, f"{name}.js"]
    return {name: (FOLDER / name).read_text(encoding="utf-8") for name in names}


@pytest.fixture(scope="module")
def compiler(browser: Browser) -> Iterator[Page]:
    """A page that knows TypeScript."""
    page = book_pages.new_page(browser)
    page.add_script_tag(path=VENDORED / "typescript.js")
    yield page
    page.close()


def errors(compiler: Page, sources: dict[str, str]) -> list[str]:
    found: list[str] = compiler.evaluate(CHECK, {"sources": sources, "libraries": LIBRARIES})
    return found


FIGURES = sorted(path.stem for path in FOLDER.glob("*.py") if path.with_suffix(".js").exists())


@pytest.mark.parametrize("name", FIGURES)
def test_scripts_have_no_type_errors(compiler: Page, name: str) -> None:
    assert errors(compiler, scripts(name)) == []


def test_a_wrong_type_is_found(compiler: Page) -> None:
    core = (FOLDER / "core.js").read_text(encoding="utf-8")
    wrong = "core.flip(core.network({m: 1, d: 1, w: 'no numbers', a: new Float64Array(1)}), []);"
    found = errors(compiler, {"core.js": core, "wrong.js": wrong})
    assert len(found) == 2
    assert "wrong.js:1: Type 'string' is not assignable to type 'Numbers'." in found


def test_every_script_is_part_of_a_figure() -> None:
    used = {script for name in FIGURES for script in scripts(name)}
    assert used == {path.name for path in FOLDER.glob("*.js")}


def test_the_compiler_is_the_one_that_was_fetched() -> None:
    locked = json.loads((VENDORED / "lock.json").read_text(encoding="utf-8"))["files"]
    found = {
        path.relative_to(VENDORED).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in VENDORED.rglob("*")
        if path.is_file() and path.name != "lock.json"
    }
    assert found == locked
