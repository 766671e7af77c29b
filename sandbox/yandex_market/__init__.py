"""The Yandex Market stand-in, DBS model: written from contract 2.x and seed 003, never from our client."""
