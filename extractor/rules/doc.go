// Package rules reads site rules: what one site's pages hold where, said in a
// YAML document by a person who looked at them. A rule is one more reader of a
// page; what it finds outweighs the others, and where it finds nothing the
// others decide as ever.
//
//	name: hafenbote
//	match:
//	  hosts: [hafenbote.example, '*.hafenbote.example']
//	  paths: ['^/artikel/']
//	headline: h1.titel
//	published:
//	  select: .stand
//	  format: DD.MM.YYYY HH:mm
//	  zone: Europe/Berlin
//	body: div.text
//	captions: figure .bildtext
//	remove: ['.anzeige', '.mehr-zum-thema']
//	tests:
//	  - page: hafenbote-schleuse.html.gz
//	    url: https://hafenbote.example/artikel/schleuse
//	    want:
//	      headline: Schleuse in Grünau bleibt noch 3 Wochen geschlossen
//	      published: 2019-06-03T07:40:00+02:00
//
// [Parse] and [Load] check a rule whole and name file, line and key of each
// fault. [Schema] is the JSON Schema that an editor can check it against.
package rules
