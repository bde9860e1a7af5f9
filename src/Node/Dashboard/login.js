'use strict';
document.getElementById('failed').hidden = location.search !== '?failed';
