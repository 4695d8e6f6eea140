"""A certificate for tests: fullchain.pem and privkey.pem, and the authority that signed it, ca.crt."""

import subprocess


def certificate(folder, name):
    """For one name, good for a month."""
    key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    _openssl(folder, "req", "-x509", *key, "-keyout", "ca.key", "-out", "ca.crt", "-days", "30", "-subj", "/CN=Prov CA")
    _openssl(folder, "req", *key, "-keyout", "privkey.pem", "-out", "request", "-subj", f"/CN={name}")
    (folder / "names").write_text(f"subjectAltName=DNS:{name}\n")
    signing = ["-CA", "ca.crt", "-CAkey", "ca.key", "-CAcreateserial", "-days", "30", "-extfile", "names"]
    _openssl(folder, "x509", "-req", "-in", "request", *signing, "-out", "fullchain.pem")


def _openssl(folder, *arguments):
    subprocess.run(["openssl", *arguments], cwd=folder, check=True, capture_output=True)
