"""The explorer in a real kernel, clicked as a front end clicks."""

import re

VIEW = "application/vnd.jupyter.widget-view+json"


def test_a_click_from_the_front_end_opens_a_row(notebook, contents):
    code = (
        "from jaxmagic.pytree.explorer import explore\n"
        "tree = {'many': [n if n % 2 else np.float32(n) for n in range(200_000)], 'x': 1}\n"
        "explore(tree, 'tree')"
    )
    reply, messages = notebook.run(code)
    assert reply["status"] == "ok"
    (result,) = contents(messages, "execute_result")
    assert VIEW in result["data"]
    assert result["data"]["text/plain"].startswith("tree: 200,001 leaves, ")
    opened = {one["comm_id"]: one["data"]["state"] for one in contents(messages, "comm_open")}
    assert len(opened) < 60
    many = next(
        identity for identity, state in opened.items() if "['many']" in state.get("description", "")
    )
    messages = clicked(notebook, many)
    sent = str(contents(messages, "comm_open", "comm_msg"))
    assert "50 more (of 199,950)" in sent
    assert "[49]" in sent
    assert re.search(r"\[50\]", sent) is None


def clicked(notebook, identity):
    """What the kernel sends when the button with this comm is clicked."""
    client = notebook.client
    content = {"comm_id": identity, "data": {"method": "custom", "content": {"event": "click"}}}
    message = client.session.msg("comm_msg", content)
    client.shell_channel.send(message)
    found = []
    while True:
        got = client.get_iopub_msg(timeout=60)
        if got["parent_header"].get("msg_id") != message["header"]["msg_id"]:
            continue
        if got["msg_type"] == "status":
            if got["content"]["execution_state"] == "idle":
                return found
            continue
        found.append(got)
