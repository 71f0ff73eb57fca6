export async function charge(customer: string, month: number): Promise<string> {
  return `${customer} paid for month ${month}`;
}
