// Scripts stand in files of their own: the content security policy allows nothing inline.
fetch(new URL('../api/v1/openapi', document.baseURI), {headers: {Accept: 'application/json'}})
  .then((response) => response.json())
  .then((spec) => SwaggerUIBundle({
    // Requests go to where this page came from, by whatever name or proxy the reader got here.
    spec: {...spec, servers: [{url: new URL('..', document.baseURI).pathname.replace(/\/$/, '')}]},
    dom_id: '#api',
    deepLinking: true,
    docExpansion: 'list',
    filter: true,
    tagsSorter: 'alpha',
    tryItOutEnabled: true,
    validatorUrl: null,
  }))
  .catch(() => {
    document.querySelector('#api').textContent = 'The description of the API could not be loaded.';
  });
