"""Encoded examples where the reader is taught, so that a batch is put together there."""

from typing import NamedTuple

import numpy as np
import torch

from tools.reader_encoding import Rows, padded


class Batch(NamedTuple):
    """`allowed` are the places that may be scored: [CLS] and the passage. `starts` and `ends` say which are right."""

    ids: torch.Tensor
    mask: torch.Tensor
    types: torch.Tensor
    allowed: torch.Tensor
    starts: torch.Tensor
    ends: torch.Tensor


class Shelf:
    def __init__(self, rows: Rows, device: torch.device) -> None:
        self._ids = torch.from_numpy(rows.ids).to(device)
        self._begins = torch.from_numpy(rows.begins).to(device)
        self._columns = torch.from_numpy(rows.columns).to(device)
        self._lengths = rows.lengths
        self._device = device

    def batch(self, numbers: np.ndarray) -> Batch:
        width = int(padded(self._lengths[numbers]).max())
        chosen = torch.from_numpy(numbers).to(self._device)
        length, head, first, last, whole = (column.unsqueeze(1) for column in self._columns[chosen].T)
        place = torch.arange(width, device=self._device).unsqueeze(0)
        mask = place < length
        ids = self._ids[(self._begins[chosen].unsqueeze(1) + place).clamp(max=len(self._ids) - 1)].long() * mask
        allowed = (place == 0) | ((place >= head) & (place < length - 1))
        inside = (place >= first) & (place <= last) & (whole == 1)
        starts, ends = (place == first) | inside, (place == last) | inside
        return Batch(ids, mask, (mask & (place >= head)).long(), allowed, starts, ends)
