"""Uploads a file with tuspy: ENDPOINT TOKEN FILE MEMORY.

Goes on with what MEMORY remembers of an earlier run, and prints the address of the upload.
"""

import sys

from tusclient.client import TusClient
from tusclient.storage.filestorage import FileStorage

endpoint, token, file, memory = sys.argv[1:]
client = TusClient(endpoint, headers={"Authorization": f"Bearer {token}"})
uploader = client.uploader(
    file,
    chunk_size=1 << 20,
    metadata={"vendor": "disqus", "file_name": "export.xml"},
    store_url=True,
    url_storage=FileStorage(memory),
    upload_checksum=True,
)
uploader.upload()
print(uploader.url)
