"""imagemill in a Django project: a storage, a model field, a template tag and a webhook view.

`INSTALLED_APPS` names this package, and `STORAGES` one of its storages under the alias `imagemill`:
`storage.StackStorage` for a stack, or `local_storage.LocalStorage` for development without one.
"""
