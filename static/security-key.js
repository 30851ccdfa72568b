// A ceremony with a security key that fails or is stopped is said on the page, not in the console.
document.addEventListener('allauth.error', function (event) {
  event.preventDefault()
  document.getElementById('key-failed').hidden = false
})
