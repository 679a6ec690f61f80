// Scripts stand in files of their own: the content security policy allows nothing inline.
SwaggerUIBundle({
  url: new URL('../api/v1/openapi', document.baseURI).href,
  dom_id: '#api',
  deepLinking: true,
  validatorUrl: null,
});
