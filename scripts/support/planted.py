"""The secrets that tests give to our programs, which show them to nobody.

All have MARKER in them, so that the last test finds them in what the programs wrote, in whatever
form. Tests in C++ write it into theirs. A secret that cannot have it (a hash, a key) is remembered
for that test by emissions.plant().
"""

MARKER = "plantedSecret"

KAFKA_PASSWORD = f"{MARKER}-kafka-password"
NEW_KAFKA_PASSWORD = f"{MARKER}-kafka-password-that-is-new"
WRONG_KAFKA_PASSWORD = f"{MARKER}-kafka-password-that-is-wrong"
KEY_PASSWORD = f"{MARKER}-password-of-a-key"
KEYSTORE_PASSWORD = f"{MARKER}-password-of-a-keystore"
CLIENT_SECRET = f"{MARKER}-client-secret"
# A claim of each access token.
TOKEN_CLAIM = f"{MARKER}-claim-of-a-token"
# In the address of a server.
URL_PASSWORD = f"{MARKER}-password-in-an-address"
# Of our own pages.
WEB_PASSWORD = f"{MARKER}-web-password"
WRONG_WEB_PASSWORD = f"{MARKER}-web-password-that-is-wrong"
WEB_PASSWORD_HASH = "$2y$04$abcdefghijklmnopqrstuuH8Lovx6IrnuMsHcyWaZZnyFQ/gkZmY6"
# The body of something that looks like a private key.
KEY_BODY = f"MIGHAgEAMBMG{MARKER}ByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg"
KEY_PEM = f"-----BEGIN PRIVATE KEY-----\n{KEY_BODY}\n-----END PRIVATE KEY-----\n"

# Those without the marker: what bcrypt made of the password, whatever stands before it.
OTHERS = (WEB_PASSWORD_HASH[29:-1],)
