"""sealed_secrets: what sealing and checking share: certificates, ciphertext, and for which Secret a value is sealed."""
