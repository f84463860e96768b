"""Keeps the picture that was decoded last: analysing and rendering a photo decode it once."""

from __future__ import annotations

from appliance.domain.photo import PhotoId
from appliance.store.vault import Vault
from appliance.vision.decoder import Decoder
from appliance.vision.picture import Picture


class Lightbox:
    """One decoded picture at a time."""

    def __init__(self, vault: Vault, decoder: Decoder) -> None:
        self._vault, self._decoder = vault, decoder
        self._lying: tuple[PhotoId, Picture] | None = None

    def picture(self, photo: PhotoId) -> Picture:
        """The decoded photo. Raises Parked or Unreadable as the decoder does."""
        if self._lying is None or self._lying[0] != photo:
            self._lying = None
            self._lying = (photo, self._decoder.decode(self._vault.read("originals", photo)))
        return self._lying[1]

    @property
    def photo(self) -> str | None:
        """Which photo lies here."""
        return self._lying[0] if self._lying else None
