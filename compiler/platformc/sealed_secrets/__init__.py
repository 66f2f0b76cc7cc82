"""sealed_secrets: what sealing and checking both know: certificates, ciphertext, and for which Secret a value is sealed."""
