// Draws the reference over the plain list of calls, from this server alone.
const list = document.getElementById("calls");
const drawn = document.getElementById("reference");

// Nothing may be asked of anybody else: no fonts, no proxy, no assistant, no client to install.
Scalar.createApiReference(drawn, {
  url: "openapi.json",
  proxyUrl: "",
  withDefaultFonts: false,
  telemetry: false,
  agent: { disabled: true },
  hideClientButton: true,
  showDeveloperTools: "never",
  persistAuth: false,
  defaultHttpClient: { targetKey: "shell", clientKey: "curl" },
  documentDownloadType: "direct",
  orderSchemaPropertiesBy: "preserve",
});
list.hidden = true;
