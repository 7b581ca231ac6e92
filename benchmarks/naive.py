"""`python -m benchmarks.naive`: the obvious implementation of the server, for comparison.

Each message gets a forward pass of its own in the event loop; tensors become nested lists in JSON, with uvicorn's
default WebSocket compression. The model is the explainer's.
"""

import json
import socket
from base64 import b64decode

import uvicorn
from fastapi import FastAPI, WebSocket, WebSocketDisconnect

from vqvae_explainer.explain.trace import trace
from vqvae_explainer.model.presets import DEFAULT
from vqvae_explainer.model.weights import load_weights
from vqvae_explainer.resources import resource

STAGES = ("features", "distances", "indices", "quantized", "reconstruction")

app = FastAPI()
model, _ = load_weights(resource("weights") / f"{DEFAULT}.safetensors")


@app.websocket("/ws")
async def stream(websocket: WebSocket) -> None:
    """Answer every message in order."""
    await websocket.accept()
    try:
        while True:
            message = json.loads(await websocket.receive_text())
            (found,) = trace(model, [b64decode(message["pixels"])])
            tensors = {name: tensor.tolist() for name, tensor in found.tensors(*STAGES).items()}
            await websocket.send_json({"type": "trace", "seq": message["seq"], "losses": found.losses, **tensors})
    except WebSocketDisconnect:
        pass


def main() -> None:
    """Serve on a free port."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        print(f"ready: http://127.0.0.1:{listener.getsockname()[1]}", flush=True)
        uvicorn.Server(uvicorn.Config(app, log_level="warning")).run(sockets=[listener])


if __name__ == "__main__":
    main()
