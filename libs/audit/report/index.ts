export * from './access-report.ts';
export * from './period-report.ts';
export { readTrails, type TrailRead } from './read-trail.ts';
export { asCsv, asHtml, type ReportDocument } from './report-document.ts';
