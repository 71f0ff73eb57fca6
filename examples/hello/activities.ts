export async function sayHello(name: string): Promise<string> {
  return `Hello, ${name}!`;
}
