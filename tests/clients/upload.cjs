// Uploads a file with tus-js-client: ENDPOINT TOKEN FILE MEMORY.
//
// Goes on with what MEMORY remembers of an earlier run, and prints the address of the upload.

const fs = require("node:fs");
const tus = require("tus-js-client");

const [endpoint, token, file, memory] = process.argv.slice(2);
const upload = new tus.Upload(fs.createReadStream(file), {
  endpoint,
  headers: { Authorization: `Bearer ${token}` },
  metadata: { vendor: "disqus", file_name: "export.xml" },
  chunkSize: 1 << 20,
  retryDelays: null,
  urlStorage: new tus.FileUrlStorage(memory),
  onError: (error) => {
    console.error(String(error));
    process.exitCode = 1;
  },
  onSuccess: () => console.log(upload.url),
});
upload.findPreviousUploads().then((earlier) => {
  if (earlier.length > 0) {
    upload.resumeFromPreviousUpload(earlier[0]);
  }
  upload.start();
});
