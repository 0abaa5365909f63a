// Small real files, as a client's phone would send them.

/** A PDF of one empty page; `note` makes its bytes its own. */
export function pdf(name, note = name) {
  const body = `%PDF-1.4
% ${note}
1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj
2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj
3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>endobj
trailer<</Root 1 0 R>>
%%EOF
`;
  return { name, mimeType: "application/pdf", buffer: Buffer.from(body) };
}

/** A photo: one grey pixel as PNG. */
export function photo(name) {
  const pixel =
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNoAAAAggCBd81ytgAAAABJRU5ErkJggg==";
  return { name, mimeType: "image/png", buffer: Buffer.from(pixel, "base64") };
}
