// Package extractor turns a captured page into an article.
package extractor
