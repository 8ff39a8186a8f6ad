"""%%jaxcompare as a notebook sees it: outputs, progress, completion, help, the stop button."""

import re

import nbformat
import pytest
from nbclient import NotebookClient

FLAGS = {
    *("--backends", "--seconds", "--limit", "--timeout", "--device", "--mesh"),
    *("--x64", "--x32", "--output"),
}
LABELS = ["Python (elements)", "NumPy", "Numba", "JAX eager", "JAX jit"]
WAVE = "def f(x):\n    return np.sin(x) ** 2\n\nf(np.linspace(0, 1, 20))\n"
ENDLESS = (
    "%%jaxcompare --seconds 1000 --backends python,numpy -o kept\n"
    "def g(x):\n    return x + 1\n\ng(0.5)"
)


def test_a_notebook_shows_text_and_html_and_no_progress_in_the_end():
    cells = [
        "%load_ext jaxmagic\nimport numpy as np",
        f"%%jaxcompare --seconds 0.02 -o kept\n{WAVE}",
        "print(kept)",
    ]
    notebook = nbformat.v4.new_notebook(cells=list(map(nbformat.v4.new_code_cell, cells)))
    NotebookClient(
        notebook, kernel_name="python3", timeout=120, extra_arguments=["--log-level=ERROR"]
    ).execute()
    _, compared, printed = notebook.cells
    [result] = [output for output in compared.outputs if output.output_type == "execute_result"]
    assert set(result.data) == {"text/plain", "text/html"}
    for label in LABELS:
        assert label in result.data["text/plain"]
        assert f">{label}</th>" in result.data["text/html"]
    assert printed.outputs[0].text == result.data["text/plain"] + "\n"
    # all that is left of the line of progress is an empty output
    others = [output for output in compared.outputs if output.output_type != "execute_result"]
    assert [output.output_type for output in others] == ["display_data"]
    assert others[0].data == {"text/plain": "", "text/html": ""}


def test_progress_is_told_in_one_output_while_it_takes(notebook, contents):
    reply, messages = notebook.run("%%jaxcompare --seconds 0.3 --backends python\n" + WAVE)
    assert reply["status"] == "ok"
    [shown] = contents(messages, "display_data")
    updates = contents(messages, "update_display_data")
    assert re.match("jaxcompare: .* …", shown["data"]["text/plain"])
    assert any("timing" in update["data"]["text/plain"] for update in updates)
    assert {update["transient"]["display_id"] for update in updates} == {
        shown["transient"]["display_id"]
    }
    assert updates[-1]["data"] == {"text/plain": "", "text/html": ""}
    assert contents(messages, "stream") == []


def test_the_stop_button_shows_what_was_measured_and_the_kernel_lives(notebook, contents):
    told = []

    def stop_while_timing(message):
        text = message["content"].get("data", {}).get("text/plain", "")
        if "timing 2 rows" in text:
            told.append(text)
            if len(told) == 2:  # between the two lies a whole round
                notebook.manager.interrupt_kernel()

    reply, messages = notebook.run(ENDLESS, stop_while_timing)
    assert len(told) >= 2
    assert reply["status"] == "ok"
    [result] = contents(messages, "execute_result")
    assert "! Interrupted: this is what was measured in " in result["data"]["text/plain"]
    assert "reference" in result["data"]["text/plain"]
    assert contents(messages, "update_display_data")[-1]["data"]["text/plain"] == ""
    reply, messages = notebook.run("print(kept.interrupted, [row.ran for row in kept.rows])")
    assert contents(messages, "stream")[0]["text"] == "True [True, True]\n"


def test_the_next_cell_after_a_stop_runs_as_ever(notebook, contents):
    reply, messages = notebook.run(f"%%jaxcompare --seconds 0.02\n{WAVE}")
    assert reply["status"] == "ok"
    [result] = contents(messages, "execute_result")
    assert "Interrupted" not in result["data"]["text/plain"]
    assert "5 of 5 rows timed" in result["data"]["text/plain"]


@pytest.mark.parametrize(
    ("code", "offered"),
    [
        ("%%jaxcompare --", FLAGS),
        ("%%jaxcompare --backends n", {"numpy", "numba"}),
        ("%%jaxcompare --s\nf(1)", {"--seconds"}),
    ],
)
def test_tab_completes_flags_and_backends(notebook, code, offered):
    cursor = len(code.partition("\n")[0])
    reply = notebook.client.complete(code, cursor, reply=True, timeout=120)["content"]
    # IPython adds what Jedi takes this for: `--s` is twice the minus of a name
    assert set(reply["matches"]) >= offered
    assert not {word for word in reply["matches"] if word in FLAGS} - offered
    assert code[: reply["cursor_start"]].endswith(" ")


def test_the_help_of_the_magic_has_its_flags(notebook):
    reply, _ = notebook.run("%%jaxcompare?")
    text = reply["payload"][0]["data"]["text/plain"]
    assert "--backends" in text
    assert "Time one computation in Python, NumPy, Numba, JAX and more, side by side." in text


def test_an_error_of_the_user_is_shown_with_its_line_in_its_cell(notebook, contents):
    code = "%%jaxcompare\n\ndef f(x):\n    return x + [][0]\n\nf(1.0)"
    reply, messages = notebook.run(code)
    assert (reply["status"], reply["ename"]) == ("error", "IndexError")
    [error] = contents(messages, "error")
    text = re.sub(r"\x1b\[[\d;]*m", "", "\n".join(error["traceback"]))
    assert "----> 4     return x + [][0]" in text
    # older versions of IPython write the name of a file in the place of the number
    assert set(re.findall(r"Cell In ?\[(\d+)\]", text)) <= {str(reply["execution_count"])}
    assert contents(messages, "update_display_data")[-1]["data"]["text/plain"] == ""


def test_a_mistake_is_one_sentence(notebook, contents):
    reply, messages = notebook.run(f"%%jaxcompare --fast\n{WAVE}")
    assert reply["ename"] == "UsageError"
    said = contents(messages, "stream", "error")
    assert "unrecognized arguments: --fast" in str(said)
    assert "Traceback" not in str(said)
