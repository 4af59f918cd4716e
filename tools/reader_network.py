"""The reader as a network: as it is exported, and as it is taught.

It is exported as transformers has it. It is taught by a forward of its own, in bf16 and in few calls, over all
parameters in one row: of a network this small an accelerator is through sooner than Python has named its parts.
"""

from collections.abc import Mapping
from math import prod

import torch
from torch.nn.functional import dropout, embedding, gelu, layer_norm, linear, scaled_dot_product_attention
from transformers import BertConfig, BertModel

from index.embedding import BUILT_IN as EMBEDDER
from tools.reader_weights import weights_of

Weights = Mapping[str, torch.Tensor]

WIDTH, LAYERS, HEADS = 384, 6, 12
EPSILON = 1e-12
DROPOUT = 0.1

LEVELS = 64
"""On each side of 0: seven bits."""


class Reader(torch.nn.Module):
    """The encoder with two scores a piece: a span's start and its end; those of [CLS] stand for "not in here"."""

    def __init__(self) -> None:
        super().__init__()
        config = BertConfig(
            hidden_size=WIDTH, num_hidden_layers=LAYERS, num_attention_heads=HEADS, intermediate_size=4 * WIDTH
        )
        self.encoder = BertModel._from_config(config, add_pooling_layer=False, attn_implementation="eager")
        self.scores = torch.nn.Linear(WIDTH, 2)
        torch.nn.init.normal_(self.scores.weight, std=0.02)
        torch.nn.init.zeros_(self.scores.bias)

    def forward(self, ids: torch.Tensor, mask: torch.Tensor, types: torch.Tensor) -> torch.Tensor:
        hidden = self.encoder(input_ids=ids, attention_mask=mask, token_type_ids=types).last_hidden_state
        return self.scores(hidden)


def new_reader() -> Reader:
    """With the weights of the embedder that ships with the project."""
    reader = Reader()
    lacking, unknown = reader.load_state_dict(weights_of(EMBEDDER), strict=False)
    if set(lacking) - {"scores.weight", "scores.bias"} or unknown:
        raise SystemExit(f"the embedder's weights lack {lacking} or hold {unknown}")
    return reader


def scores_of(
    weights: Weights, ids: torch.Tensor, mask: torch.Tensor, types: torch.Tensor, *, share: float = 0.0
) -> torch.Tensor:
    """What Reader's forward says, with a `share` of what passes through dropped out."""

    def passed(name: str, x: torch.Tensor) -> torch.Tensor:
        return linear(x, weights[f"{name}.weight"], weights[f"{name}.bias"])

    def normed(name: str, x: torch.Tensor) -> torch.Tensor:
        return layer_norm(x, (WIDTH,), weights[f"{name}.weight"], weights[f"{name}.bias"], EPSILON)

    def thinned(x: torch.Tensor) -> torch.Tensor:
        return dropout(x, share, training=share > 0)

    count, length = ids.shape
    tables = "encoder.embeddings"
    x = embedding(ids, weights[f"{tables}.word_embeddings.weight"])
    x = x + weights[f"{tables}.position_embeddings.weight"][:length]
    x = x + embedding(types, weights[f"{tables}.token_type_embeddings.weight"])
    x = thinned(normed(f"{tables}.LayerNorm", x))
    unseen = torch.zeros_like(mask, dtype=x.dtype).masked_fill(~mask.bool(), torch.finfo(x.dtype).min)
    unseen = unseen[:, None, None, :].expand(count, HEADS, length, length)
    for number in range(LAYERS):
        layer = f"encoder.encoder.layer.{number}"
        parts = [
            passed(f"{layer}.attention.self.{part}", x).view(count, length, HEADS, -1).transpose(1, 2)
            for part in ("query", "key", "value")
        ]
        heard = scaled_dot_product_attention(*parts, attn_mask=unseen, dropout_p=share).transpose(1, 2)
        more = passed(f"{layer}.attention.output.dense", heard.reshape(count, length, WIDTH))
        x = normed(f"{layer}.attention.output.LayerNorm", x + thinned(more))
        more = passed(f"{layer}.output.dense", gelu(passed(f"{layer}.intermediate.dense", x)))
        x = normed(f"{layer}.output.LayerNorm", x + thinned(more))
    return passed("scores", x)


class Pupil:
    """A reader that is taught: its parameters in two rows, the encoder's and the scores', each with a rate of its own.

    They are kept in fp32, and read in bf16 where the device has it.
    """

    def __init__(self, device: torch.device) -> None:
        held = dict(new_reader().named_parameters())
        self._names = [[name for name in held if name.startswith("scores") == is_head] for is_head in (False, True)]
        self._shapes = {name: parameter.shape for name, parameter in held.items()}
        self._precision = precision(device)
        self.rows = [
            torch.nn.Parameter(torch.cat([held[name].detach().float().flatten() for name in names]).to(device))
            for names in self._names
        ]

    def leaves(self, *, rounded: bool = False) -> list[torch.Tensor]:
        """Copies of the rows to compute with, whose gradients are the rows'. `rounded` are their matrices as the
        export rounds them: by output, embeddings as a whole."""
        with torch.no_grad():
            copies = [row.detach().clone() for row in self.rows]
            if rounded:
                for name, weight in self.named(copies).items():
                    if weight.dim() == 2:
                        whole = "embeddings" in name
                        largest = weight.abs().max() if whole else weight.abs().amax(1, keepdim=True)
                        step = largest.clamp(min=EPSILON) / LEVELS
                        weight.copy_((weight / step).round_() * step)
            return [copy.to(self._precision).requires_grad_() for copy in copies]

    def named(self, rows: list[torch.Tensor]) -> dict[str, torch.Tensor]:
        found = {}
        for names, row in zip(self._names, rows, strict=True):
            parts = torch.split(row, [prod(self._shapes[name]) for name in names])
            found |= {name: part.view(self._shapes[name]) for name, part in zip(names, parts, strict=True)}
        return found

    def weights(self, *, rounded: bool = False) -> Weights:
        """To compute with, and not to be taught by."""
        return self.named([leaf.detach() for leaf in self.leaves(rounded=rounded)])

    def reader(self) -> Reader:
        """To be exported."""
        made = new_reader()
        made.load_state_dict({name: weight.detach().cpu() for name, weight in self.named(list(self.rows)).items()})
        return made.eval()


def precision(device: torch.device) -> torch.dtype:
    """bf16 where the device has it; elsewhere it is emulated, forty times slower than fp32."""
    able = device.type != "cpu" or torch.cpu._is_avx512_bf16_supported()
    return torch.bfloat16 if able else torch.float32
