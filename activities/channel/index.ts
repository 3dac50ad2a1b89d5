export { bodies } from './bodies.ts';
export { chatMessage, type ChatMessage } from './chat-message.ts';
